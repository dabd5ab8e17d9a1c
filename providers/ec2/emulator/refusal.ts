/** An error as the API answers it; 400 unless the API says otherwise. */
export class Refusal extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = "Refusal";
    this.code = code;
    this.status = status;
  }
}

export function missing(noun: string, id: string): Refusal {
  return new Refusal(`Invalid${noun}.NotFound`, `The ID '${id}' does not exist`);
}
