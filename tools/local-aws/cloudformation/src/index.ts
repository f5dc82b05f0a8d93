export { readAssembly } from './assembly';
export { place } from './place';
export { type ResolvedResource, TemplateResolver } from './resolver';
