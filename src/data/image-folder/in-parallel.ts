// Jobs that wait for the disk or for other threads, several at once.

/** As many as libuv has threads for by default. */
const atOnce = 4;

/** The results of a job for each item, in their order. The first failure ends it. */
export async function inParallel<T, R>(items: ArrayLike<T>, job: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const place = next++;
      // Jobs that need not wait for anything leave the process time for something else.
      if (place % 64 === 63) await new Promise(resolve => setImmediate(resolve));
      try {
        results[place] = await job(items[place]!);
      } catch (error) {
        next = items.length;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}
