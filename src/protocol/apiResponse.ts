import * as z from 'zod';

import { ERROR_CATEGORIES, LakesideError } from '../base/errors.ts';

export const errorContextSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

export const errorShapeSchema = z.object({
  code: z.string(),
  category: z.enum(ERROR_CATEGORIES),
  message: z.string(),
  retryable: z.boolean().optional(),
  context: errorContextSchema.optional(),
});

/** The answer of a use case at every edge (rpc, HTTP, agent tools). */
export type ApiResponse<T> =
  | { readonly success: true; readonly data: T }
  | {
      readonly success: false;
      readonly error: string;
      readonly code: string;
      readonly category: z.infer<typeof errorShapeSchema>['category'];
      readonly retryable?: boolean | undefined;
      readonly context?: z.infer<typeof errorContextSchema> | undefined;
    };

export const apiResponseSchema = z.discriminatedUnion('success', [
  z.object({ success: z.literal(true), data: z.unknown() }),
  z.object({
    success: z.literal(false),
    error: z.string(),
    code: z.string(),
    category: z.enum(ERROR_CATEGORIES),
    retryable: z.boolean().optional(),
    context: errorContextSchema.optional(),
  }),
]);

export function failure(error: LakesideError): ApiResponse<never> {
  const { message, ...rest } = error.toShape();
  return { success: false, error: message, ...rest };
}

/** The data of a successful answer; throws the error of a failed one. */
export function unwrap<T>(response: ApiResponse<T>): T {
  if (response.success) return response.data;
  const { error, code, category, retryable, context } = response;
  throw new LakesideError(code, category, error, { retryable, context });
}
