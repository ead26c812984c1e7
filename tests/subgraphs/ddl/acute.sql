CREATE TABLE dept (
	dept_cd VARCHAR(4) NOT NULL,
	dept_nm VARCHAR(60) NOT NULL,
	PRIMARY KEY (dept_cd)
)
CREATE TABLE lkp (
	lkp_typ CHAR(3) NOT NULL,
	lkp_cd VARCHAR(4) NOT NULL,
	lkp_nm VARCHAR(60) NOT NULL,
	PRIMARY KEY (lkp_typ, lkp_cd)
)
CREATE TABLE staff (
	staff_cd VARCHAR(6) NOT NULL,
	staff_nm VARCHAR(60) NOT NULL,
	job VARCHAR(60) NOT NULL,
	tel VARCHAR(20),
	PRIMARY KEY (staff_cd)
)
CREATE TABLE pat (
	mrn CHAR(7) NOT NULL,
	nhs_no CHAR(12),
	surname VARCHAR(60) NOT NULL,
	forename VARCHAR(60),
	dob_h INTEGER,
	sex SMALLINT NOT NULL,
	sg_staff_cd VARCHAR(6),
	PRIMARY KEY (mrn),
	FOREIGN KEY(sg_staff_cd) REFERENCES staff (staff_cd)
)
CREATE INDEX ix_pat_nhs_no ON pat (nhs_no)
CREATE INDEX pat_name_dob ON pat (surname, dob_h)
CREATE TABLE ae_att (
	att_no INTEGER NOT NULL,
	mrn CHAR(7) NOT NULL,
	dept_cd VARCHAR(4) NOT NULL,
	reason_cd VARCHAR(4),
	acc_by_cd VARCHAR(4),
	PRIMARY KEY (att_no),
	FOREIGN KEY(mrn) REFERENCES pat (mrn),
	FOREIGN KEY(dept_cd) REFERENCES dept (dept_cd)
)
CREATE INDEX ix_ae_att_mrn ON ae_att (mrn)
CREATE TABLE sgx (
	exam_no INTEGER NOT NULL,
	mrn CHAR(7) NOT NULL,
	exam_h INTEGER NOT NULL,
	staff_cd VARCHAR(6) NOT NULL,
	PRIMARY KEY (exam_no),
	FOREIGN KEY(mrn) REFERENCES pat (mrn),
	FOREIGN KEY(staff_cd) REFERENCES staff (staff_cd)
)
CREATE INDEX ix_sgx_mrn ON sgx (mrn)
CREATE TABLE ae_ev (
	att_no INTEGER NOT NULL,
	seq SMALLINT NOT NULL,
	ev_cd CHAR(2) NOT NULL,
	ev_h INTEGER NOT NULL,
	ev_s INTEGER NOT NULL,
	ev_txt VARCHAR(200),
	PRIMARY KEY (att_no, seq),
	FOREIGN KEY(att_no) REFERENCES ae_att (att_no)
)
CREATE TABLE sgx_item (
	exam_no INTEGER NOT NULL,
	item_cd CHAR(2) NOT NULL,
	item_txt VARCHAR(400) NOT NULL,
	PRIMARY KEY (exam_no, item_cd),
	FOREIGN KEY(exam_no) REFERENCES sgx (exam_no)
)
