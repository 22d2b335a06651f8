// A program that makes an image: paintCommand.mjs PROMPT SEED FILE. What it was asked goes into the text of the PNG.
import { writeFileSync } from 'node:fs';

import { picturePng } from './pngBytes.ts';

const [prompt = '', seed = '0', file = ''] = process.argv.slice(2);
writeFileSync(file, picturePng({ width: 320, height: 200, seed: Number(seed), text: { parameters: prompt } }));
