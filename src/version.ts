// The version of the package and of what it writes.

/** The package's version. */
export const version = '0.1.0';
