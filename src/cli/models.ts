// latentkit models

import { catalogue } from './catalogue.ts';
import { addCommonOptions, addExamples, answer, type CommonOptions, type DefineCommand } from './command.ts';

export const define: DefineCommand = (command, io) => {
  addCommonOptions(command, { device: false });
  addExamples(command, 'models', 'models --json');
  command.action((values: CommonOptions) => {
    const models = catalogue();
    const text = models
      .map(({ name, summary, paper, parts }) => {
        const chosen = Object.entries(parts).map(([part, value]) => `${part} ${value}`);
        return `${name}  ${summary}\n    ${paper}\n    ${chosen.join(', ')}\n`;
      })
      .join('\n');
    answer(io, values, { text: `${text}\nTrain one with: latentkit train mnist --model NAME`, json: { models } });
  });
};
