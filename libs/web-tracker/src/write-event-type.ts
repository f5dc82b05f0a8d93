// Writes the file of the event type: `npx nx run web-tracker:event-type`.
import { join } from 'node:path';
import { writeEventType } from '@sluice/event-schema/node';
import { webEventType } from './web-event';

writeEventType(join(process.cwd(), 'libs/web-tracker/event-types'), webEventType);
