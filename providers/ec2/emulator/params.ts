import { Refusal } from "./refusal.ts";

/** A request of the Query API: `Filter.1.Value.2=x` is the second value of the first filter. */
export interface Params {
  readonly action: string;
  readonly version: string;
  text(name: string): string | undefined;
  required(name: string): string;
  number(name: string): number | undefined;
  /** `Name.1`, `Name.2` and so on, as long as they go. */
  texts(name: string): string[];
  /** Lists of structures, each read through its own part of the request. */
  parts(name: string): Params[];
  /** Everything but what differs between repeats of the same request. */
  readonly whole: string;
}

export function paramsOf(body: string): Params {
  return within(new URLSearchParams(body), "");
}

function within(form: URLSearchParams, prefix: string): Params {
  const text = (name: string) => form.get(prefix + name) ?? undefined;
  const numbered = (name: string) => {
    const start = `${prefix + name}.`;
    const found = [...form.keys()]
      .filter((key) => key.startsWith(start))
      .map((key) => Number.parseInt(key.slice(start.length), 10))
      .filter((index) => index > 0);
    return [...new Set(found)].sort((left, right) => left - right);
  };
  return {
    action: form.get("Action") ?? "",
    version: form.get("Version") ?? "",
    text,
    required(name) {
      const value = text(name);
      if (value !== undefined && value !== "") return value;
      throw new Refusal("MissingParameter", `The request must contain the parameter ${prefix + name}`);
    },
    number(name) {
      const value = text(name);
      if (value === undefined) return undefined;
      if (/^-?\d{1,15}$/.test(value)) return Number(value);
      throw new Refusal(
        "InvalidParameterValue",
        `Value (${value}) for parameter ${prefix + name} is invalid.`,
      );
    },
    texts: (name) =>
      numbered(name).flatMap((index) => {
        const value = text(`${name}.${index}`);
        return value === undefined ? [] : [value];
      }),
    parts: (name) => numbered(name).map((index) => within(form, `${prefix + name}.${index}.`)),
    whole: [...form]
      .filter(([key]) => !/ClientToken|^Action$|^Version$/.test(key))
      .sort()
      .join("&"),
  };
}
