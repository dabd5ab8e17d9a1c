import type { Text } from "../kernel/text.ts";

/** Why something that a cloud shows was not taken in, in words for whoever asked for it. */
export class NotTaken extends Error {
  readonly reason: Text;

  constructor(zh: string, en: string) {
    super(en);
    this.reason = { zh, en };
  }
}
