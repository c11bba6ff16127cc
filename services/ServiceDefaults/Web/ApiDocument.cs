using Alerts.ServiceDefaults.Staff;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Alerts.ServiceDefaults.Web;

/// <summary>What the OpenAPI document says beside the calls themselves.</summary>
public static class ApiDocument
{
    private const string Scheme = "key";

    /// <summary>For <c>AddOpenApi</c>: title, how keys are sent, and which calls need one.</summary>
    public static void Describe(OpenApiOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);

        options.ShouldInclude = description => description.RelativePath?.StartsWith("api/", StringComparison.Ordinal) == true;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "Alerts";
            document.Info.Description =
                "Errors are problem details (RFC 9457). Lists are paged: pass `next` back as `after`. "
                + "A POST with an `Idempotency-Key` may be sent again within a day: it is done once and answered the same.";
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                [Scheme] = new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.Http,
                    Scheme = "bearer",
                    Description = "An API key, `alerts_…`. Make one with: `alerts keys add NAME --role editor`.",
                },
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            var metadata = context.Description.ActionDescriptor.EndpointMetadata;
            if (!metadata.OfType<IAllowAnonymous>().Any())
            {
                operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, context.Document)] = [] }];
                if (metadata.OfType<IAuthorizeData>().Any(authorize => authorize.Policy == Policies.Admin))
                {
                    operation.Description = string.Join("\n\n", new[] { operation.Description, "Needs the role admin." }.Where(line => !string.IsNullOrEmpty(line)));
                }
            }

            return Task.CompletedTask;
        });
    }
}
