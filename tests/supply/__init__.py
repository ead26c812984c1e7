"""What is pinned, looked at again: releases that were withdrawn or have a known weakness."""
