using Microsoft.AspNetCore.Http;

namespace Alerts.ServiceDefaults.Web;

public static class NotFoundAnswer
{
    /// <summary>
    /// Answers 404 with what the page says. A page can't just set the status: Razor components throw away whatever a page has rendered when they see 404 at the end of it.
    /// </summary>
    public static void AnswerNotFound(this HttpResponse response)
    {
        ArgumentNullException.ThrowIfNull(response);

        response.OnStarting(() =>
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
    }
}
