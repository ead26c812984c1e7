"""The OIDC resource server: discovery, key sets with rotation, and tokens verified into principals."""

from authz.oidc.profile import TokenProfile, read_profile
from authz.oidc.provider import Provider
from authz.oidc.verifier import Issuer, Verifier

__all__ = ["Issuer", "Provider", "TokenProfile", "Verifier", "read_profile"]
