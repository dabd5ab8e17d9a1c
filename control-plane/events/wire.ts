import { z } from "@hono/zod-openapi";

export const WatchEvents = z.strictObject({
  lastEventId: z
    .string()
    .max(60)
    .optional()
    .describe("Resumes after this event, for clients that cannot set the Last-Event-ID header"),
});

export const WatchEventsHeaders = z.object({
  "Last-Event-ID": z.string().optional().describe("Resumes after this event; browsers send it by themselves"),
});

/** The `data` of one message; its `id` resumes the stream, its `event` equals `type`. */
export const EventMessage = z
  .object({
    type: z.enum([
      "request.changed",
      "tenancy.changed",
      "operation.changed",
      "cloud.changed",
      "over_limit.changed",
      "commitment.changed",
      "policy.changed",
      "exemption.changed",
    ]),
    subjectId: z.string(),
    at: z.iso.datetime(),
    organizationId: z.string().nullable(),
    cloudId: z.string().nullable(),
    data: z.record(z.string(), z.unknown()),
  })
  .openapi("Event");
