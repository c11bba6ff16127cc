using System.Collections;
using System.Runtime.CompilerServices;

namespace Alerts.Tests.Servers;

/// <summary>Asks until the answer is right, instead of waiting for as long as it might take.</summary>
public static class Eventually
{
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(50);

    /// <summary>Asks until the answer satisfies <paramref name="when"/>, for at most ten seconds unless told otherwise.</summary>
    /// <exception cref="TimeoutException">It never did; the message has the condition and the last answer. What <paramref name="ask"/> throws is thrown on at once.</exception>
    public static Task<T> Get<T>(
        Func<Task<T>> ask,
        Func<T, bool> when,
        TimeSpan? within = null,
        CancellationToken cancellationToken = default,
        [CallerArgumentExpression(nameof(when))] string condition = "") =>
        Get(ask, when, within ?? TimeSpan.FromSeconds(10), Often, cancellationToken, condition);

    /// <summary>Asks until the answer satisfies <paramref name="when"/>, with a pause after each that doesn't.</summary>
    /// <inheritdoc cref="Get{T}(Func{Task{T}}, Func{T, bool}, TimeSpan?, CancellationToken, string)" path="/exception"/>
    public static async Task<T> Get<T>(
        Func<Task<T>> ask,
        Func<T, bool> when,
        TimeSpan within,
        TimeSpan pause,
        CancellationToken cancellationToken,
        [CallerArgumentExpression(nameof(when))] string condition = "")
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var answer = await ask();
            if (when(answer))
            {
                return answer;
            }

            if (TimeProvider.System.GetElapsedTime(start) > within)
            {
                throw new TimeoutException($"Not within {within.TotalSeconds:0.#} s: {condition}. The last answer was {Describe(answer)}.");
            }

            await Task.Delay(pause, cancellationToken);
        }
    }

    /// <inheritdoc cref="Get{T}(Func{Task{T}}, Func{T, bool}, TimeSpan?, CancellationToken, string)"/>
    public static Task<T> Get<T>(
        Func<T> ask,
        Func<T, bool> when,
        TimeSpan? within = null,
        CancellationToken cancellationToken = default,
        [CallerArgumentExpression(nameof(when))] string condition = "") =>
        Get(() => Task.FromResult(ask()), when, within, cancellationToken, condition);

    private static string Describe(object? answer) => answer switch
    {
        null => "null",
        string text => $"\"{text}\"",
        IEnumerable many => $"[{string.Join(", ", many.Cast<object?>().Take(10).Select(Describe))}] ({many.Cast<object?>().Count()})",
        _ => answer.ToString() ?? "",
    };
}
