import type { Workbench } from '../../test/support/workbench.ts';

export interface Scene {
  /** Name of the picture: docs/pictures/<name>.png */
  readonly name: string;
  /** A colour theme by its id; dark unless named. */
  readonly theme?: string;
  /** Brings the workbench into the state that the picture shows, as a person would. */
  arrange(workbench: Workbench): Promise<void>;
}

export const scenes: readonly Scene[] = [
  {
    name: 'models',
    arrange: async (workbench) => {
      await workbench.openView('Lakeside');
      await workbench.runCommand('Lakeside: Scan all roots');
      await workbench.treeItem('LoRAs').first().waitFor();
      await workbench.expandTreeItem('LoRAs');
    },
  },
];
