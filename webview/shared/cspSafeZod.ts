import * as z from 'zod';

// zod compiles its parsers with `new Function` where it may; in a panel the attempt alone is a report against the
// content security policy. Must run before the first schema is made: panels import this module first.
z.config({ jitless: true });
