import type { App } from "../context.ts";

/** Made as fast as it is read, and no further once the reader has left. */
export function streamed(
  app: Pick<App, "log">,
  first: IteratorResult<Uint8Array>,
  chunks: AsyncGenerator<Uint8Array>,
): ReadableStream<Uint8Array> {
  let made: IteratorResult<Uint8Array> | null = first;
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = made ?? (await chunks.next());
        made = null;
        if (done === true) return controller.close();
        controller.enqueue(value);
      } catch (error) {
        // The answer has begun: breaking it off is the only way left to say that it is not whole.
        app.log.error({ err: error }, "report broke off");
        controller.error(error);
      }
    },
    async cancel() {
      await chunks.return(undefined);
    },
  });
}
