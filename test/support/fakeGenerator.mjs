// A program that makes an image, and misbehaves as it is told: node fakeGenerator.mjs [--mode M] --out FILE [--log FILE]
import { appendFileSync, copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { deflateSync, crc32 } from 'node:zlib';

const given = new Map();
for (let index = 2; index < process.argv.length; index += 2) given.set(process.argv[index], process.argv[index + 1]);
const mode = given.get('--mode') ?? 'good';
const out = given.get('--out') ?? 'image.png';
const seed = Number(given.get('--seed') ?? 0);
// Each start costs money: one line each.
if (given.has('--log')) appendFileSync(given.get('--log'), `${seed}\n`);

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  const sizes = [Buffer.alloc(4), Buffer.alloc(4)];
  sizes[0].writeUInt32BE(data.length);
  sizes[1].writeUInt32BE(crc32(body));
  return Buffer.concat([sizes[0], body, sizes[1]]);
}
function png(width, height, declared = [width, height]) {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(declared[0], 0);
  head.writeUInt32BE(declared[1], 4);
  head.set([8, 2, 0, 0, 0], 8);
  const row = Buffer.alloc(1 + width * 3, seed % 256);
  row[0] = 0;
  const data = deflateSync(Buffer.concat(Array.from({ length: height }, () => row)));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

const image = png(16, 8);
switch (mode) {
  case 'good':
    await delay(Number(given.get('--ms') ?? 0));
    writeFileSync(out, image);
    break;
  case 'fail':
    console.error('loading the model\n\u001b[31mout of memory\u001b[0m');
    process.exit(3);
    break;
  case 'nothing':
    break;
  case 'html':
    writeFileSync(out, '<!doctype html><title>Log in</title>');
    break;
  case 'truncated':
    writeFileSync(out, image.subarray(0, image.length - 20));
    break;
  case 'bomb':
    writeFileSync(out, png(16, 8, [20_000, 15_000]));
    break;
  case 'three':
    for (const name of ['image_10.png', 'image_2.png', 'image_1.png'])
      writeFileSync(out.replace('image.png', name), image);
    break;
  case 'hang': {
    // With a child of its own, which is to end with it.
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    writeFileSync(given.get('--pid'), `${process.pid} ${child.pid}`);
    process.on('SIGTERM', () => undefined);
    setInterval(() => undefined, 1_000);
    break;
  }
  case 'environment':
    writeFileSync(
      given.get('--pid'),
      JSON.stringify({ env: process.env, argv: process.argv.slice(2), cwd: process.cwd() }),
    );
    writeFileSync(out, image);
    break;
  case 'once':
    // The first time it dies in the middle.
    if (!existsSync(given.get('--pid'))) {
      writeFileSync(given.get('--pid'), '');
      process.kill(process.pid, 'SIGKILL');
    }
    writeFileSync(`${out}.part`, image);
    copyFileSync(`${out}.part`, out);
    break;
}
