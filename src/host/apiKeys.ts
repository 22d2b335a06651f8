import type * as vscode from 'vscode';

/** Keys of outside services, in the editor's own safe: never in settings, the database or the log. */
export class ApiKeys {
  readonly #storage: Pick<vscode.SecretStorage, 'get' | 'store' | 'delete'>;

  constructor(storage: Pick<vscode.SecretStorage, 'get' | 'store' | 'delete'>) {
    this.#storage = storage;
  }

  /** @param name of the provider that needs the key */
  async get(name: string): Promise<string | undefined> {
    return this.#storage.get(keyOf(name));
  }

  /** An empty key takes it away. */
  async set(name: string, value: string): Promise<void> {
    if (value === '') await this.#storage.delete(keyOf(name));
    else await this.#storage.store(keyOf(name), value);
  }
}

function keyOf(name: string): string {
  return `lakeside.api.${name}`;
}
