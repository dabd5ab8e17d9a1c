import { z } from "zod";
import { DEFAULT_IMAGES } from "./images.ts";
import { CloudRecord, ImageRecord } from "./records.ts";

/** What an operator says of a cloud; what is left out is generous. */
export const CloudDeclaration = z.strictObject({
  region: z.string().min(1).default("cn-north-1"),
  accessKeyId: z.string().min(1),
  secretAccessKey: z.string().min(1),
  zones: CloudRecord.shape.zones,
  images: z.array(ImageRecord).default([...DEFAULT_IMAGES]),
  instancesMax: z.int().min(0).default(100_000),
  vpcsMax: z.int().min(0).default(100_000),
});
export type CloudDeclaration = z.input<typeof CloudDeclaration>;
