using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Alerts.ServiceDefaults.Staff;

/// <summary>Somebody forgot a password. What is done about it is done once the answer is out, so that neither its words nor its time tell whether there is such an account.</summary>
internal sealed partial class ForgottenPassword(IServiceScopeFactory scopes, ILogger<ForgottenPassword> logger)
{
    public void SendLinkAfter(HttpResponse response, string address) => response.OnCompleted(async () =>
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<Accounts>().SendNewPasswordLinkAsync(address, CancellationToken.None);
        }
        catch (Exception exception)
        {
            LogNotSent(exception);
        }
    });

    [LoggerMessage(LogLevel.Error, "A link for a new password could not be queued")]
    private partial void LogNotSent(Exception exception);
}
