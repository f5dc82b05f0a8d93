export { counted } from './counted';
export { shellCommand, shellWord, type ShellArgument } from './shell-command';
export { terminalColumns, wrapText } from './wrap-text';
