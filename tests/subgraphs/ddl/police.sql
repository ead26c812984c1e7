CREATE TABLE "ConcernType" (
	"ConcernCode" CHAR(3) NOT NULL,
	"Meaning" VARCHAR(60) NOT NULL,
	PRIMARY KEY ("ConcernCode")
)
CREATE TABLE "Marker" (
	"MarkerCode" CHAR(2) NOT NULL,
	"Meaning" VARCHAR(60) NOT NULL,
	PRIMARY KEY ("MarkerCode")
)
CREATE TABLE "Nominal" (
	"NominalRef" CHAR(8) NOT NULL,
	"Surname" VARCHAR(60) NOT NULL,
	"Forename" VARCHAR(60),
	"Born" CHAR(10),
	"Gender" CHAR(1) NOT NULL,
	"PncId" CHAR(13),
	PRIMARY KEY ("NominalRef")
)
CREATE INDEX "ixNominalName" ON "Nominal" ("Surname", "Born")
CREATE TABLE "Unit" (
	"UnitCode" VARCHAR(8) NOT NULL,
	"UnitName" VARCHAR(60) NOT NULL,
	"Phone" VARCHAR(20) NOT NULL,
	PRIMARY KEY ("UnitCode")
)
CREATE TABLE "Intelligence" (
	"LogNo" INTEGER NOT NULL,
	"NominalRef" CHAR(8) NOT NULL,
	"LoggedAt" CHAR(16) NOT NULL,
	"LogText" VARCHAR(300) NOT NULL,
	PRIMARY KEY ("LogNo"),
	FOREIGN KEY("NominalRef") REFERENCES "Nominal" ("NominalRef")
)
CREATE INDEX "ix_Intelligence_NominalRef" ON "Intelligence" ("NominalRef")
CREATE TABLE "MissingReport" (
	"MissingRef" CHAR(12) NOT NULL,
	"NominalRef" CHAR(8) NOT NULL,
	"ReportedAt" CHAR(16) NOT NULL,
	"ReturnedAt" CHAR(16),
	PRIMARY KEY ("MissingRef"),
	FOREIGN KEY("NominalRef") REFERENCES "Nominal" ("NominalRef")
)
CREATE INDEX "ix_MissingReport_NominalRef" ON "MissingReport" ("NominalRef")
CREATE TABLE "NominalIdentifier" (
	"NominalRef" CHAR(8) NOT NULL,
	"Kind" CHAR(3) NOT NULL,
	"IdValue" VARCHAR(13) NOT NULL,
	PRIMARY KEY ("NominalRef", "Kind"),
	FOREIGN KEY("NominalRef") REFERENCES "Nominal" ("NominalRef")
)
CREATE INDEX "ix_NominalIdentifier_IdValue" ON "NominalIdentifier" ("IdValue")
CREATE TABLE "NominalMarker" (
	"NominalRef" CHAR(8) NOT NULL,
	"MarkerCode" CHAR(2) NOT NULL,
	"SetOn" CHAR(10) NOT NULL,
	"ClearedOn" CHAR(10),
	PRIMARY KEY ("NominalRef", "MarkerCode"),
	FOREIGN KEY("NominalRef") REFERENCES "Nominal" ("NominalRef"),
	FOREIGN KEY("MarkerCode") REFERENCES "Marker" ("MarkerCode")
)
CREATE TABLE "Officer" (
	"OfficerNo" INTEGER NOT NULL,
	"RankAndName" VARCHAR(60) NOT NULL,
	"UnitCode" VARCHAR(8) NOT NULL,
	PRIMARY KEY ("OfficerNo"),
	FOREIGN KEY("UnitCode") REFERENCES "Unit" ("UnitCode")
)
CREATE TABLE "ProtectionPower" (
	"PowerRef" CHAR(12) NOT NULL,
	"NominalRef" CHAR(8) NOT NULL,
	"StartedAt" CHAR(16) NOT NULL,
	"EndedAt" CHAR(16),
	PRIMARY KEY ("PowerRef"),
	FOREIGN KEY("NominalRef") REFERENCES "Nominal" ("NominalRef")
)
CREATE INDEX "ix_ProtectionPower_NominalRef" ON "ProtectionPower" ("NominalRef")
CREATE TABLE "Occurrence" (
	"OccurrenceRef" CHAR(12) NOT NULL,
	"OccurredAt" CHAR(16) NOT NULL,
	"DomesticAbuse" SMALLINT NOT NULL,
	"Place" VARCHAR(120),
	"OfficerNo" INTEGER NOT NULL,
	PRIMARY KEY ("OccurrenceRef"),
	FOREIGN KEY("OfficerNo") REFERENCES "Officer" ("OfficerNo")
)
CREATE TABLE "OccurrenceNominal" (
	"OccurrenceRef" CHAR(12) NOT NULL,
	"NominalRef" CHAR(8) NOT NULL,
	"RoleCode" CHAR(4) NOT NULL,
	PRIMARY KEY ("OccurrenceRef", "NominalRef", "RoleCode"),
	FOREIGN KEY("OccurrenceRef") REFERENCES "Occurrence" ("OccurrenceRef"),
	FOREIGN KEY("NominalRef") REFERENCES "Nominal" ("NominalRef")
)
CREATE INDEX "ix_OccurrenceNominal_NominalRef" ON "OccurrenceNominal" ("NominalRef")
CREATE TABLE "Ppn" (
	"PpnRef" CHAR(12) NOT NULL,
	"OccurrenceRef" CHAR(12) NOT NULL,
	"NominalRef" CHAR(8) NOT NULL,
	"RaisedAt" CHAR(16) NOT NULL,
	"Grade" CHAR(1) NOT NULL,
	"ConcernCode" CHAR(3) NOT NULL,
	PRIMARY KEY ("PpnRef"),
	FOREIGN KEY("OccurrenceRef") REFERENCES "Occurrence" ("OccurrenceRef"),
	FOREIGN KEY("NominalRef") REFERENCES "Nominal" ("NominalRef"),
	FOREIGN KEY("ConcernCode") REFERENCES "ConcernType" ("ConcernCode")
)
CREATE INDEX "ix_Ppn_NominalRef" ON "Ppn" ("NominalRef")
CREATE TABLE "PpnText" (
	"PpnRef" CHAR(12) NOT NULL,
	"LineNo" INTEGER NOT NULL,
	"LineText" VARCHAR(72) NOT NULL,
	PRIMARY KEY ("PpnRef", "LineNo"),
	FOREIGN KEY("PpnRef") REFERENCES "Ppn" ("PpnRef")
)
