export { shellCommand, shellWord, type ShellArgument } from './shell-command';
/** Texts by the columns that they need in a terminal. */
export { piecesOfWidth, shortened, textWidth } from './text-width';
export { terminalColumns, wrapLines, wrapText } from './wrap-text';
