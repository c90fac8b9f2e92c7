export {
  SPEECH_COMMANDS_CLASSES,
  SpeechCommands,
  type SpeechCommandsOptions,
  speechCommands,
} from "./speech-commands.ts";
