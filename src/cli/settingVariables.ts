import type { Settings } from '../protocol/settings.ts';

/** In the data dir: settings of the command line, as JSON. */
export const CONFIG_FILE = 'lakeside.config.json';

/** Environment variable → setting. The data dir has its own (`APP_DATA_DIR`). */
export const SETTING_VARIABLES = {
  LOCAL_MODELS_ROOT: 'local.root',
  LAKE_MODELS_ROOT: 'lake.root',
  LOCAL_ALLOW_DELETE: 'local.allowDelete',
  LAKE_ALLOW_DELETE: 'lake.allowDelete',
  QUEUE_CONCURRENCY: 'queue.concurrency',
  QUEUE_RETRY_COUNT: 'queue.retryCount',
  HASH_THREADS: 'hash.threads',
  LOG_LEVEL: 'log.level',
  COMFYUI_URL: 'comfyui.servers',
} as const satisfies Record<string, keyof Settings>;
