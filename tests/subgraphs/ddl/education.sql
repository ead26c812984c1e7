CREATE TABLE "tblReason" (
	"ReasonCode" CHAR(2) NOT NULL,
	"Description" VARCHAR(60) NOT NULL,
	PRIMARY KEY ("ReasonCode")
)
CREATE TABLE "tblSchool" (
	"URN" CHAR(6) NOT NULL,
	"SchoolName" VARCHAR(80) NOT NULL,
	"Phase" CHAR(1) NOT NULL,
	"DSLName" VARCHAR(60) NOT NULL,
	"DSLPhone" VARCHAR(20) NOT NULL,
	PRIMARY KEY ("URN")
)
CREATE TABLE "tblPupil" (
	"URN" CHAR(6) NOT NULL,
	"UPN" CHAR(13) NOT NULL,
	"LegalSurname" VARCHAR(60) NOT NULL,
	"ChosenForename" VARCHAR(60) NOT NULL,
	"BirthDay" INTEGER NOT NULL,
	"NCYear" SMALLINT NOT NULL,
	"SENStatus" CHAR(1) NOT NULL,
	"CMEFlag" SMALLINT NOT NULL,
	PRIMARY KEY ("URN", "UPN"),
	FOREIGN KEY("URN") REFERENCES "tblSchool" ("URN")
)
CREATE INDEX "ixPupilName" ON "tblPupil" ("LegalSurname", "BirthDay")
CREATE INDEX "ix_tblPupil_UPN" ON "tblPupil" ("UPN")
CREATE TABLE "tblAttendance" (
	"URN" CHAR(6) NOT NULL,
	"UPN" CHAR(13) NOT NULL,
	"SchoolYear" CHAR(7) NOT NULL,
	"Possible" INTEGER NOT NULL,
	"Attended" INTEGER NOT NULL,
	PRIMARY KEY ("URN", "UPN", "SchoolYear"),
	FOREIGN KEY("URN", "UPN") REFERENCES "tblPupil" ("URN", "UPN")
)
CREATE TABLE "tblConcern" (
	"URN" CHAR(6) NOT NULL,
	"ConcernNo" INTEGER NOT NULL,
	"UPN" CHAR(13) NOT NULL,
	"LogDay" INTEGER NOT NULL,
	"Kind" CHAR(1) NOT NULL,
	"LogText" VARCHAR(400) NOT NULL,
	PRIMARY KEY ("URN", "ConcernNo"),
	FOREIGN KEY("URN", "UPN") REFERENCES "tblPupil" ("URN", "UPN")
)
CREATE INDEX "ixConcernPupil" ON "tblConcern" ("URN", "UPN")
CREATE TABLE "tblContact" (
	"URN" CHAR(6) NOT NULL,
	"UPN" CHAR(13) NOT NULL,
	"Priority" SMALLINT NOT NULL,
	"ContactName" VARCHAR(80) NOT NULL,
	"Relationship" VARCHAR(20) NOT NULL,
	"Phone" VARCHAR(20),
	PRIMARY KEY ("URN", "UPN", "Priority"),
	FOREIGN KEY("URN", "UPN") REFERENCES "tblPupil" ("URN", "UPN")
)
CREATE TABLE "tblEncompass" (
	"URN" CHAR(6) NOT NULL,
	"UPN" CHAR(13) NOT NULL,
	"NoticeDay" INTEGER NOT NULL,
	PRIMARY KEY ("URN", "UPN", "NoticeDay"),
	FOREIGN KEY("URN", "UPN") REFERENCES "tblPupil" ("URN", "UPN")
)
CREATE TABLE "tblEnrolment" (
	"URN" CHAR(6) NOT NULL,
	"EnrolmentNo" INTEGER NOT NULL,
	"UPN" CHAR(13) NOT NULL,
	"EntryDay" INTEGER NOT NULL,
	"LeaveDay" INTEGER,
	PRIMARY KEY ("URN", "EnrolmentNo"),
	FOREIGN KEY("URN", "UPN") REFERENCES "tblPupil" ("URN", "UPN")
)
CREATE INDEX "ixEnrolmentPupil" ON "tblEnrolment" ("URN", "UPN")
CREATE TABLE "tblExclusion" (
	"URN" CHAR(6) NOT NULL,
	"UPN" CHAR(13) NOT NULL,
	"StartDay" INTEGER NOT NULL,
	"Days" FLOAT NOT NULL,
	"ReasonCode" CHAR(2) NOT NULL,
	PRIMARY KEY ("URN", "UPN", "StartDay"),
	FOREIGN KEY("URN", "UPN") REFERENCES "tblPupil" ("URN", "UPN"),
	FOREIGN KEY("ReasonCode") REFERENCES "tblReason" ("ReasonCode")
)
CREATE TABLE "tblSessions" (
	"URN" CHAR(6) NOT NULL,
	"UPN" CHAR(13) NOT NULL,
	"WeekDay1" INTEGER NOT NULL,
	"Marks" CHAR(10) NOT NULL,
	PRIMARY KEY ("URN", "UPN", "WeekDay1"),
	FOREIGN KEY("URN", "UPN") REFERENCES "tblPupil" ("URN", "UPN")
)
