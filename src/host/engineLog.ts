/** Where the engine's process writes what it has to say; a LogOutputChannel is one. */
export interface EngineLog {
  error(message: string): void;
  warn(message: string): void;
  info(message: string): void;
  debug(message: string): void;
}
