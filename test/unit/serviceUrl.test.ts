import assert from 'node:assert/strict';

import { readServiceUrl } from '../../src/studio/providers/serviceUrl.ts';

describe('the address of a service', () => {
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

  it('is told without name, password, query and fragment', () => {
    assert.deepEqual(readServiceUrl('https://kim:p%40ss@host:8188/comfy//?sig=x#top'), {
      url: 'https://host:8188/comfy',
      query: '?sig=x',
      basic: basic('kim:p@ss'),
    });
    assert.deepEqual(readServiceUrl('http://host/'), { url: 'http://host', query: '', basic: undefined });
  });

  it('may hold a percent sign that escapes nothing', () => {
    assert.equal(readServiceUrl('http://us%er:p%@host').basic, basic('us%er:p%'));
    assert.equal(readServiceUrl('http://:%E0%A4@host').basic, basic(':%E0%A4'));
  });
});
