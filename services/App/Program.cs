Console.WriteLine("alerts");
