/** Lets everything that is ready to run, run: promises, and messages between ends in memory. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}
