import assert from 'node:assert/strict';

import { Emitter } from '../../src/base/events.ts';
import { type PanelHostHandlers, servePanel } from '../../src/host/panels/panelBridge.ts';
import { createNonce, panelHtml } from '../../src/host/panels/panelHtml.ts';
import { acceptPanelSessions } from '../../src/host/panels/webviewChannel.ts';
import type { Channel } from '../../src/protocol/channel.ts';
import { panelViewContract } from '../../src/protocol/panels/panelParts.ts';
import {
  PLAN_PANEL_USE_CASES,
  planPanelContract,
  type PlanPanelContract,
} from '../../src/protocol/panels/planPanel.ts';
import { connect } from '../../src/protocol/rpc.ts';
import { FakePlanEngine } from '../support/fakePlanEngine.ts';
import { madeUpSteps } from '../support/madeUpSteps.ts';
import { settle } from '../support/settle.ts';
import { memoryChannelPair } from '../support/memoryChannel.ts';

const noHost: PanelHostHandlers<PlanPanelContract, typeof PLAN_PANEL_USE_CASES> = {
  'panel.document': () => ({ fileName: 'a.lakeplan.json', plan: 'plan-1', trusted: true }),
  'panel.reopen': () => ({ fileName: 'a.lakeplan.json', plan: 'plan-1', trusted: true }),
  'panel.undo': () => null,
  'panel.nameLastCopies': () => false,
  'panel.save': () => null,
  'panel.revealFile': () => null,
  'panel.openFolder': () => null,
  'panel.copyText': () => null,
  'panel.showJob': () => null,
};

const plan = { contract: planPanelContract, useCases: PLAN_PANEL_USE_CASES };

describe('the HTML of a panel', () => {
  const html = panelHtml({
    panel: 'plan',
    title: 'a "b" <c>',
    nonce: 'n0nce',
    cspSource: 'https://*.vscode-cdn.net',
    language: 'en',
    script: 'https://file/plan.js?a=1&b=2',
    styles: ['https://file/plan.css'],
  });

  it('allows its own script by nonce, its own files, and nothing else', () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1];
    assert.equal(
      policy,
      "default-src 'none'; style-src https://*.vscode-cdn.net; script-src 'nonce-n0nce'; " +
        'font-src https://*.vscode-cdn.net; img-src https://*.vscode-cdn.net',
    );
    assert.match(html, /<script type="module" nonce="n0nce" src="https:\/\/file\/plan.js\?a=1&amp;b=2"><\/script>/);
  });

  it('holds nothing inline and escapes what it is given', () => {
    assert.doesNotMatch(html, /<style|style="|<script(?![^>]* src=)/);
    assert.match(html, /<title>a "b" &lt;c&gt;<\/title>/);
  });

  it('has a fresh nonce each time', () => {
    assert.notEqual(createNonce(), createNonce());
    assert.match(createNonce(), /^[\w-]{24}$/);
  });
});

describe('the lives of a webview', () => {
  function openWebview(): {
    sessions: Channel[];
    received: unknown[];
    closed: string[];
    posted: unknown[];
    send(session: string, body: unknown): void;
    sendRaw(message: unknown): void;
    errors: string[];
  } {
    const messages = new Emitter<unknown>();
    const posted: unknown[] = [];
    const sessions: Channel[] = [];
    const received: unknown[] = [];
    const closed: string[] = [];
    const errors: string[] = [];
    acceptPanelSessions(
      {
        postMessage: (message) => {
          posted.push(message);
          return Promise.resolve(true);
        },
        onDidReceiveMessage: messages.event,
      },
      (channel) => {
        sessions.push(channel);
        channel.onMessage((message) => received.push(message));
        channel.onClose((reason) => closed.push(reason));
        return { dispose: () => closed.push('disposed') };
      },
      (error) => errors.push(error.code),
    );
    const sendRaw = (message: unknown): void => messages.fire(message);
    return {
      sessions,
      received,
      closed,
      posted,
      errors,
      sendRaw,
      send: (session, body) => sendRaw({ session, body }),
    };
  }

  it('are one channel each; a page loaded afresh ends the one before', () => {
    const webview = openWebview();
    webview.send('first', 1);
    webview.send('first', 2);
    webview.send('second', 3);
    assert.deepEqual(webview.received, [1, 2, 3]);
    assert.equal(webview.sessions.length, 2);
    assert.deepEqual(webview.closed, ['The panel was loaded afresh.', 'disposed']);
    webview.sessions[0]?.post('late');
    webview.sessions[1]?.post('now');
    assert.deepEqual(webview.posted, [{ session: 'second', body: 'now' }]);
  });

  it('do not begin with a message that is not a panel’s', () => {
    const webview = openWebview();
    webview.sendRaw('hello');
    webview.sendRaw({ session: '', body: 1 });
    assert.deepEqual(webview.errors, ['BAD_MESSAGE', 'BAD_MESSAGE']);
    assert.equal(webview.sessions.length, 0);
  });
});

describe('the bridge to a panel', () => {
  it('forwards what is in the panel’s contract and refuses everything else', async () => {
    const engine = new FakePlanEngine({ steps: madeUpSteps(10) });
    const { left, right } = memoryChannelPair();
    const answers: unknown[] = [];
    right.onMessage((message) => answers.push(message));
    servePanel({
      ...plan,
      channel: left,
      engine,
      handlers: noHost,
      isVisible: () => true,
      onProtocolError: () => undefined,
    });
    right.post({ kind: 'request', id: 1, name: 'plans.info', input: { plan: 'plan-1' } });
    right.post({ kind: 'request', id: 2, name: 'roots.remove', input: { name: 'lake' } });
    right.post({ kind: 'request', id: 3, name: 'plans.page', input: { plan: 'plan-1', limit: 1e9 } });
    await settle();
    const text = JSON.stringify(answers);
    assert.match(text, /"id":1,"response":\{"success":true/);
    assert.match(text, /"id":2,"response":\{"success":false[^}]*UNKNOWN_REQUEST/);
    assert.match(text, /"id":3,"response":\{"success":false[^}]*INVALID_INPUT/);
    assert.deepEqual(
      engine.calls.map(({ name }) => name),
      ['plans.info'],
    );
  });

  it('hands hints on to a panel that is visible only', async () => {
    const engine = new FakePlanEngine({ steps: madeUpSteps(10) });
    const { left, right } = memoryChannelPair();
    let visible = true;
    servePanel({
      ...plan,
      channel: left,
      engine,
      handlers: noHost,
      isVisible: () => visible,
      onProtocolError: () => undefined,
    });
    const heard: string[] = [];
    const { remote } = connect({ channel: right, local: panelViewContract, handlers: {}, remote: planPanelContract });
    remote.on('changed', ({ topics }) => heard.push(...topics));
    await remote.request('plans.tick', { plan: 'plan-1', ticked: false, steps: [1] });
    visible = false;
    await remote.request('plans.tick', { plan: 'plan-1', ticked: true, steps: [1] });
    assert.deepEqual(heard, ['plans']);
  });
});
