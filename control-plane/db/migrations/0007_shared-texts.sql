CREATE TABLE "shared_texts" (
	"digest" text PRIMARY KEY NOT NULL,
	"text" text NOT NULL
);
