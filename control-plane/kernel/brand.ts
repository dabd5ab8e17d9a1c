declare const brand: unique symbol;

/** A string that may only be passed where ids of the same kind are expected. */
export type Brand<Value, Name extends string> = Value & { readonly [brand]: Name };
