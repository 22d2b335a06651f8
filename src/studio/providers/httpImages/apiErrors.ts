import * as z from 'zod';

import { LakesideError } from '../../../base/errors.ts';
import { connectionFailure } from '../limitedFetch.ts';

/** The API as sentences name it. */
export interface ApiName {
  readonly name: string;
  readonly url: string;
}

const QUOTED = 300;

const errorSchema = z.object({
  error: z.union([
    z.string(),
    z.object({
      message: z.string().catch(''),
      code: z.unknown().optional(),
      type: z.unknown().optional(),
    }),
  ]),
});

/** Codes and words by which services say that a picture is against their rules. */
const POLICY = /content_policy|moderation|safety|content_filter|responsible_?ai|nsfw/i;
/** A limit that no waiting lifts. */
const QUOTA = /insufficient_quota|billing|exceeded your current quota/i;

/** What an answer other than 2xx means; nothing was made. `retryable` where the same may work later. */
export function refusedError(api: ApiName, status: number, body: string): LakesideError {
  const said = whatIsSaid(body);
  const quoted = said.message === '' ? '' : `: ${said.message.slice(0, QUOTED)}`;
  const context = { provider: api.name, status };
  if (status >= 400 && status < 500 && POLICY.test(`${said.codes} ${said.message}`)) {
    return new LakesideError(
      'PROVIDER_REFUSED',
      'policy',
      `${api.name} refuses this picture by its own rules${quoted}. Change the prompt; the same one is refused again.`,
      { context },
    );
  }
  if (status === 429 && QUOTA.test(`${said.codes} ${said.message}`)) {
    return new LakesideError(
      'PROVIDER_REFUSED',
      'provider',
      `${api.name} makes no more pictures for this key: its quota is used up${quoted}. Look at your account there.`,
      { context },
    );
  }
  if (status === 429 || status === 408 || status >= 500) {
    const why = status === 429 ? 'is asked too often' : 'cannot answer now';
    return new LakesideError(
      'PROVIDER_AWAY',
      'provider',
      `${api.name} ${why} (HTTP ${status}${quoted}). Retry later.`,
      {
        context,
        retryable: true,
      },
    );
  }
  if (status === 401 || status === 403) {
    return new LakesideError(
      'PROVIDER_REFUSED',
      'provider',
      `${api.name} refuses the key, or lacks one (HTTP ${status}${quoted}). Set it with "Lakeside: Set API key".`,
      { context },
    );
  }
  return new LakesideError(
    'PROVIDER_REFUSED',
    status >= 400 ? 'validation' : 'provider',
    `${api.name} refuses the request (HTTP ${status}${quoted}). Look at its values, and at the URL ${api.url}.`,
    { context },
  );
}

function whatIsSaid(body: string): { message: string; codes: string } {
  try {
    const { error } = errorSchema.parse(JSON.parse(body));
    if (typeof error === 'string') return { message: error, codes: '' };
    return { message: error.message, codes: `${String(error.code)} ${String(error.type)}` };
  } catch {
    // No JSON, or of another form: plain text is quoted, a web page says nothing.
    const text = body.trim();
    return { message: text.startsWith('<') ? '' : text, codes: '' };
  }
}

export function nonsenseError(api: ApiName, what: string): LakesideError {
  return new LakesideError(
    'PROVIDER_NONSENSE',
    'provider',
    `${api.name} answered with ${what}. Check that ${api.url} is the address of an image API.`,
    { context: { provider: api.name } },
  );
}

/** It was sent, and what came of it nobody says: another try may be another picture to pay for. */
export function outcomeUnknownError(api: ApiName, why: string, cause?: unknown): LakesideError {
  return new LakesideError(
    'OUTCOME_UNKNOWN',
    'provider',
    `${api.name} was asked for a picture, and ${why}. It may have been made and charged. Retry to ask for another one.`,
    { context: { provider: api.name }, cause },
  );
}

/** Errors that come before anything is sent. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** What a failed connection means, and whether the request certainly never left. */
export function connectionError(api: ApiName, error: unknown): { error: LakesideError; neverSent: boolean } {
  const { code, reason } = connectionFailure(error);
  return {
    neverSent: NEVER_SENT.has(code),
    error: new LakesideError(
      'PROVIDER_AWAY',
      'provider',
      `${api.name} cannot be reached at ${api.url} (${reason}). Check the network and the address, or retry later.`,
      { context: { provider: api.name }, cause: error, retryable: true },
    ),
  };
}
