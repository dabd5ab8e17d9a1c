/** A text that a person reads: Chinese first, English complete. */
export interface Text {
  readonly zh: string;
  readonly en: string;
}
