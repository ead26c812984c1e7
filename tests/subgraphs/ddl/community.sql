CREATE TABLE "SRCode" (
	"CodeSet" VARCHAR(10) NOT NULL,
	"Code" VARCHAR(8) NOT NULL,
	"Description" VARCHAR(80) NOT NULL,
	PRIMARY KEY ("CodeSet", "Code")
)
CREATE TABLE "SROrganisation" (
	"IDOrganisation" INTEGER NOT NULL,
	"OrganisationName" VARCHAR(80) NOT NULL,
	"ODSCode" VARCHAR(8) NOT NULL,
	PRIMARY KEY ("IDOrganisation")
)
CREATE TABLE "SRStaff" (
	"IDStaff" INTEGER NOT NULL,
	"StaffName" VARCHAR(60) NOT NULL,
	"JobTitle" VARCHAR(60) NOT NULL,
	PRIMARY KEY ("IDStaff")
)
CREATE TABLE "SRPatient" (
	"IDPatient" INTEGER NOT NULL,
	"NHSNumber" CHAR(10),
	"FirstName" VARCHAR(60),
	"Surname" VARCHAR(60) NOT NULL,
	"DateBirth" DATE,
	"Gender" CHAR(1) NOT NULL,
	"IDPractice" INTEGER,
	"IDHealthVisitor" INTEGER,
	"IDSchoolNurse" INTEGER,
	PRIMARY KEY ("IDPatient"),
	FOREIGN KEY("IDPractice") REFERENCES "SROrganisation" ("IDOrganisation"),
	FOREIGN KEY("IDHealthVisitor") REFERENCES "SRStaff" ("IDStaff"),
	FOREIGN KEY("IDSchoolNurse") REFERENCES "SRStaff" ("IDStaff")
)
CREATE INDEX "IX_SRPatient_Name" ON "SRPatient" ("Surname", "DateBirth")
CREATE INDEX "ix_SRPatient_NHSNumber" ON "SRPatient" ("NHSNumber")
CREATE TABLE "SRContact" (
	"RowIdentifier" INTEGER NOT NULL,
	"IDPatient" INTEGER NOT NULL,
	"DateEvent" DATE NOT NULL,
	"IDStaff" INTEGER NOT NULL,
	"AppointmentStatus" CHAR(1) NOT NULL,
	"Tier" CHAR(1) NOT NULL,
	PRIMARY KEY ("RowIdentifier"),
	FOREIGN KEY("IDPatient") REFERENCES "SRPatient" ("IDPatient"),
	FOREIGN KEY("IDStaff") REFERENCES "SRStaff" ("IDStaff")
)
CREATE INDEX "ix_SRContact_IDPatient" ON "SRContact" ("IDPatient")
CREATE TABLE "SRDevelopmentReview" (
	"RowIdentifier" INTEGER NOT NULL,
	"IDPatient" INTEGER NOT NULL,
	"ReviewStage" VARCHAR(8) NOT NULL,
	"DateEvent" DATE NOT NULL,
	"Outcome" CHAR(1) NOT NULL,
	PRIMARY KEY ("RowIdentifier"),
	FOREIGN KEY("IDPatient") REFERENCES "SRPatient" ("IDPatient")
)
CREATE INDEX "ix_SRDevelopmentReview_IDPatient" ON "SRDevelopmentReview" ("IDPatient")
CREATE TABLE "SRImmunisation" (
	"RowIdentifier" INTEGER NOT NULL,
	"IDPatient" INTEGER NOT NULL,
	"VaccinePart" VARCHAR(8) NOT NULL,
	"DateEvent" DATE NOT NULL,
	PRIMARY KEY ("RowIdentifier"),
	FOREIGN KEY("IDPatient") REFERENCES "SRPatient" ("IDPatient")
)
CREATE INDEX "ix_SRImmunisation_IDPatient" ON "SRImmunisation" ("IDPatient")
CREATE TABLE "SRSpecialistCare" (
	"RowIdentifier" INTEGER NOT NULL,
	"IDPatient" INTEGER NOT NULL,
	"ServiceCode" VARCHAR(8) NOT NULL,
	"IDStaff" INTEGER NOT NULL,
	"DateStart" DATE NOT NULL,
	"DateEnd" DATE,
	PRIMARY KEY ("RowIdentifier"),
	FOREIGN KEY("IDPatient") REFERENCES "SRPatient" ("IDPatient"),
	FOREIGN KEY("IDStaff") REFERENCES "SRStaff" ("IDStaff")
)
CREATE INDEX "ix_SRSpecialistCare_IDPatient" ON "SRSpecialistCare" ("IDPatient")
CREATE TABLE "SRSpecialistEntry" (
	"IDSpecialistCare" INTEGER NOT NULL,
	"EntryKind" VARCHAR(8) NOT NULL,
	"EntryText" VARCHAR(400) NOT NULL,
	PRIMARY KEY ("IDSpecialistCare", "EntryKind"),
	FOREIGN KEY("IDSpecialistCare") REFERENCES "SRSpecialistCare" ("RowIdentifier")
)
