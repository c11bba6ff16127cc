using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Alerts.Subscriptions.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class OneIndexForWhatIsHeld : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Subscriptions_SubscriberId_List",
                table: "Subscriptions");

            migrationBuilder.CreateIndex(
                name: "IX_Subscriptions_SubscriberId_List_ToRev",
                table: "Subscriptions",
                columns: new[] { "SubscriberId", "List", "ToRev" },
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Subscriptions_SubscriberId_List_ToRev",
                table: "Subscriptions");

            migrationBuilder.CreateIndex(
                name: "IX_Subscriptions_SubscriberId_List",
                table: "Subscriptions",
                columns: new[] { "SubscriberId", "List" },
                unique: true,
                filter: "\"ToRev\" = 9223372036854775807");
        }
    }
}
