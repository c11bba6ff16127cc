return await Alerts.App.CommandLine.RunAsync(args);
