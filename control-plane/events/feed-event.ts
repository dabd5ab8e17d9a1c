import { covers, type Scope } from "../authz/scope.ts";
import type { CloudId, OrganizationId } from "../kernel/ids.ts";
import { formatPosition, type Position } from "./position.ts";

export interface FeedEvent {
  readonly position: Position;
  readonly at: Date;
  readonly type: string;
  readonly subjectId: string;
  readonly organizationId: OrganizationId | null;
  /** Decides who may see the event; not part of what is sent. */
  readonly organizationPath: string | null;
  readonly cloudId: CloudId | null;
  readonly data: Readonly<Record<string, unknown>>;
}

export function isVisible(event: FeedEvent, scope: Scope): boolean {
  return covers(scope, { organizationPath: event.organizationPath, cloudId: event.cloudId });
}

/** As one message of the stream. */
export function toMessage(event: FeedEvent): { id: string; event: string; data: string } {
  const { at, type, subjectId, organizationId, cloudId, data } = event;
  return {
    id: formatPosition(event.position),
    event: type,
    data: JSON.stringify({ type, subjectId, at: at.toISOString(), organizationId, cloudId, data }),
  };
}
