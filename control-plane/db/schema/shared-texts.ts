import { pgTable, text } from "drizzle-orm/pg-core";

/** JSON that rows refer to by `{"$shared": digest}`; never changed, since its name is its content. */
export const sharedTexts = pgTable("shared_texts", {
  digest: text("digest").primaryKey(),
  text: text("text").notNull(),
});
