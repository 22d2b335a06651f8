/**
 * Names of half-copied files: hidden, beside the file they become. Whatever a person's ignore patterns say, they are
 * never indexed, mirrored or deleted as if they were models.
 * `.NAME.<tag 8>-<run 4><random 8>.partial` belongs to one run; `.NAME.<key 16>.partial` to whoever copies the same again.
 */
const PARTIAL_NAME = /^\..*\.([0-9a-f]{8}-[0-9a-f]{12}|[0-9a-f]{16})\.partial$/is;

/** @param name the last segment of a path */
export function isPartialName(name: string): boolean {
  return name.startsWith('.') && PARTIAL_NAME.test(name);
}
