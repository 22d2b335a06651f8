import { convertImage } from './convertImage.ts';
import { drawImage } from './drawImage.ts';
import { inspectImage } from './inspectImage.ts';
import { makeThumbnail } from './makeThumbnail.ts';
import { readImage } from './readImage.ts';

/** What the image thread can do, by name. Each decodes and encodes on threads of its own, so several run at once. */
export const imageTasks = {
  inspect: inspectImage,
  thumbnail: makeThumbnail,
  draw: drawImage,
  read: readImage,
  convert: convertImage,
};

export type ImageTaskName = keyof typeof imageTasks;
export type ImageTaskInput<K extends ImageTaskName> = Parameters<(typeof imageTasks)[K]>[0];
export type ImageTaskOutput<K extends ImageTaskName> = Awaited<ReturnType<(typeof imageTasks)[K]>>;
