using System.Diagnostics;
using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Alerts.Tests.Servers;

/// <summary>A RabbitMQ node of its own, without plugins, with an <c>epmd</c> (Erlang's name server, which a node insists on) of its own.</summary>
public sealed class RabbitMqServer : Server
{
    private readonly int nodePort = FreePort.Next();
    private readonly int epmdPort = FreePort.Next();
    private ChildProcess? epmd;

    private RabbitMqServer()
    {
        File.WriteAllText(
            Folder["rabbitmq.conf"],
            $"""
            listeners.tcp.1 = 127.0.0.1:{Port}
            log.file = false
            log.console = true
            log.console.level = warning
            """);
        File.WriteAllText(Folder["enabled_plugins"], "[].");
    }

    /// <summary>For <c>Bus:RabbitMq</c>.</summary>
    public string Uri => $"amqp://guest:guest@127.0.0.1:{Port}/";

    public static Task<RabbitMqServer> StartAsync(CancellationToken cancellationToken = default) => StartNewAsync(new RabbitMqServer(), cancellationToken);

    /// <summary>Starts it after a stop or a kill: same port, same data.</summary>
    public Task StartAgainAsync(CancellationToken cancellationToken = default) => StartProcessAsync(cancellationToken);

    /// <summary>The queues by name, with the messages in them, those handed to consumers and not yet acknowledged included.</summary>
    public async Task<IReadOnlyDictionary<string, int>> QueuesAsync(CancellationToken cancellationToken = default)
    {
        // Of a quorum queue `info` only knows what was so some seconds ago: ask its state machine.
        // The answer goes by a file: erl_call cuts a long binary short with "...".
        var file = Folder[$"queues-{Guid.NewGuid():N}.json"];
        await EvaluateAsync(
            $$"""
            Messages = fun(Q) ->
                case amqqueue:get_type(Q) of
                    rabbit_quorum_queue ->
                        {ok, {_, N}, _} = ra:local_query(amqqueue:get_pid(Q), fun rabbit_fifo:query_messages_total/1),
                        N;
                    _ -> proplists:get_value(messages, rabbit_amqqueue:info(Q, [messages]))
                end
            end,
            ok = file:write_file("{{file}}", rabbit_json:encode(maps:from_list([{element(4, amqqueue:get_name(Q)), Messages(Q)} || Q <- rabbit_amqqueue:list()]))),
            <<>>.
            """,
            cancellationToken);
        var queues = JsonSerializer.Deserialize<Dictionary<string, int>>(await File.ReadAllTextAsync(file, cancellationToken))!;
        File.Delete(file);
        return queues;
    }

    /// <summary>Empties all queues, as an operator who meant well might. What a consumer holds unacknowledged stays.</summary>
    public Task PurgeAllQueuesAsync(CancellationToken cancellationToken = default) =>
        EvaluateAsync("lists:foreach(fun(Q) -> {ok, _} = rabbit_amqqueue:purge(Q) end, rabbit_amqqueue:list()), <<>>.", cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (epmd is not null)
        {
            await epmd.DisposeAsync();
        }
    }

    private protected override async Task<ChildProcess> LaunchAsync()
    {
        epmd ??= await ChildProcess.StartAsync(Erlang("epmd", ["-address", "127.0.0.1", "-port", $"{epmdPort}"]));
        await epmd.WaitUntilAsync(cancellationToken => FreePort.AnswersAsync(epmdPort, cancellationToken), TimeSpan.FromSeconds(10), CancellationToken.None);

        // Not the wrapper in /usr/sbin, which runs the system's node as user rabbitmq.
        var program = Erlang("rabbitmq-server", []);
        var environment = program.Environment;
        environment["RABBITMQ_NODENAME"] = "alerts@localhost";
        environment["RABBITMQ_DIST_PORT"] = $"{nodePort}";
        environment["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}";
        environment["RABBITMQ_BASE"] = Folder.Path;
        environment["RABBITMQ_MNESIA_BASE"] = Folder["mnesia"];
        environment["RABBITMQ_LOG_BASE"] = Folder["log"];
        environment["RABBITMQ_PID_FILE"] = Folder["pid"];
        environment["RABBITMQ_CONFIG_FILE"] = Folder["rabbitmq.conf"];
        environment["RABBITMQ_ENABLED_PLUGINS_FILE"] = Folder["enabled_plugins"];
        environment["RABBITMQ_CONF_ENV_FILE"] = "/dev/null";

        // Makes the start script turn into the node instead of watching over it: the process we started is the one we kill.
        environment["detached"] = "true";
        return await ChildProcess.StartAsync(program);
    }

    private protected override async Task<bool> IsReadyAsync(CancellationToken cancellationToken)
    {
        if (!await FreePort.AnswersAsync(Port, cancellationToken))
        {
            return false;
        }

        try
        {
            await using var connection = await new ConnectionFactory { Uri = new Uri(Uri) }.CreateConnectionAsync(cancellationToken);
            return true;
        }
        catch (BrokerUnreachableException)
        {
            return false;
        }
    }

    /// <summary>
    /// Has the node evaluate Erlang: <c>erl_call</c> answers in milliseconds where <c>rabbitmqctl</c> needs half a second of both cores.
    /// It prints <c>{ok, …}</c>, or <c>{error, …}</c>.
    /// </summary>
    private async Task EvaluateAsync(string erlang, CancellationToken cancellationToken)
    {
        var program = Erlang("erl_call", ["-address", $"127.0.0.1:{nodePort}", "-e"]);
        var result = await ChildProcess.RunAsync(program, TimeSpan.FromSeconds(30), input: erlang + "\n", cancellationToken: cancellationToken);
        var answer = result.Output.Trim();
        if (!answer.StartsWith("{ok,", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"RabbitMQ did not do as told: {answer}{result.Error}");
        }
    }

    /// <summary>A program that finds our epmd, and in its home the cookie that lets it talk to our node.</summary>
    private ProcessStartInfo Erlang(string name, IEnumerable<string> arguments)
    {
        var program = new ProcessStartInfo(InstalledProgram.Find(name, "rabbitmq-server", "/usr/lib/rabbitmq/bin"), arguments);
        program.Environment["HOME"] = Folder.Path;
        program.Environment["ERL_EPMD_ADDRESS"] = "127.0.0.1";
        program.Environment["ERL_EPMD_PORT"] = $"{epmdPort}";
        return program;
    }
}
