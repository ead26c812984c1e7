CREATE TABLE agency (
	code VARCHAR(12) NOT NULL,
	name VARCHAR(120) NOT NULL,
	sector VARCHAR(12) NOT NULL,
	sensitive BOOLEAN NOT NULL,
	named BOOLEAN NOT NULL,
	contact VARCHAR(120),
	PRIMARY KEY (code)
)
CREATE TABLE child (
	id CHAR(22) NOT NULL,
	nhs CHAR(10),
	upn CHAR(13),
	forename VARCHAR(60),
	surname VARCHAR(60),
	dob DATE,
	shielded BOOLEAN NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (nhs),
	UNIQUE (upn)
)
CREATE INDEX child_surname_dob ON child (lower(surname), dob)
CREATE TABLE holding (
	agency VARCHAR(12) NOT NULL,
	record_id VARCHAR(32) NOT NULL,
	child_id CHAR(22) NOT NULL,
	sector VARCHAR(12) NOT NULL,
	as_of TIMESTAMP WITHOUT TIME ZONE NOT NULL,
	PRIMARY KEY (agency, record_id),
	FOREIGN KEY(agency) REFERENCES agency (code),
	FOREIGN KEY(child_id) REFERENCES child (id)
)
CREATE INDEX holding_child_sector ON holding (child_id, sector)
CREATE TABLE relationship (
	number INTEGER NOT NULL,
	child_id CHAR(22) NOT NULL,
	kind VARCHAR(20) NOT NULL,
	asserted_by VARCHAR(12) NOT NULL,
	agency VARCHAR(12) NOT NULL,
	team VARCHAR(60),
	practitioner VARCHAR(60),
	since VARCHAR(32) NOT NULL,
	until VARCHAR(32),
	PRIMARY KEY (number),
	FOREIGN KEY(child_id) REFERENCES child (id),
	FOREIGN KEY(agency) REFERENCES agency (code)
)
CREATE INDEX ix_relationship_child_id ON relationship (child_id)
