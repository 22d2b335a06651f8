import type { WorkflowGraph } from '../../protocol/studioValues.ts';
import { bindWorkflow } from './binder.ts';
import { imageToImage } from './imageToImage.ts';
import { sd15TextToImage } from './sd15TextToImage.ts';
import { sdxlTextToImage } from './sdxlTextToImage.ts';
import type { StoredWorkflow } from './storedWorkflow.ts';

/** Ids are kept in runs: they never change. */
const READY: readonly { readonly id: string; readonly name: string; readonly graph: WorkflowGraph }[] = [
  { id: 'sd15-text-to-image', name: 'Text to image (SD 1.5)', graph: sd15TextToImage },
  { id: 'sdxl-text-to-image', name: 'Text to image (SDXL)', graph: sdxlTextToImage },
  { id: 'image-to-image', name: 'Image to image', graph: imageToImage },
];

/** The workflows that come with Lakeside; the first is what a run takes that names none. */
export const BUILT_IN_WORKFLOWS: readonly StoredWorkflow[] = READY.map(({ id, name, graph }) => ({
  id,
  name,
  builtIn: true,
  archived: false,
  graph,
  bindings: bindWorkflow(graph),
}));
