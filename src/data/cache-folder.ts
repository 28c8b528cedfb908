// Where data that were costly to decode are kept between runs. Whatever lies there can be deleted: it is made again.

/**
 * A folder for one kind of data in the cache: below `LATENTKIT_CACHE` where the environment has it, else in the place
 * that the XDG Base Directory Specification says: `$XDG_CACHE_HOME/latentkit`, or `~/.cache/latentkit`. It need not exist.
 */
export async function cacheFolder(kind: string): Promise<string> {
  const { homedir } = await import('node:os');
  const { join } = await import('node:path');
  const { LATENTKIT_CACHE, XDG_CACHE_HOME } = process.env;
  return join(LATENTKIT_CACHE || join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'latentkit'), kind);
}
