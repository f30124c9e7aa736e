using DftNative.Train;

return CommandLine.Run(args);
