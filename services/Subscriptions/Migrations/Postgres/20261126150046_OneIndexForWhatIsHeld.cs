using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Alerts.Subscriptions.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class OneIndexForWhatIsHeld : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Subscriptions_SubscriberId_List",
                schema: "subscriptions",
                table: "Subscriptions");

            migrationBuilder.CreateIndex(
                name: "IX_Subscriptions_SubscriberId_List_ToRev",
                schema: "subscriptions",
                table: "Subscriptions",
                columns: new[] { "SubscriberId", "List", "ToRev" },
                unique: true);

            // Each index is an eighth of the time of an import. Rows are found by the one above, which begins as the key does; and that no two rows of a reader and a list
            // begin at the same revision follows from their being written under the lock of that revision, one after the other.
            migrationBuilder.DropPrimaryKey(
                name: "PK_Subscriptions",
                schema: "subscriptions",
                table: "Subscriptions");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddPrimaryKey(
                name: "PK_Subscriptions",
                schema: "subscriptions",
                table: "Subscriptions",
                columns: new[] { "SubscriberId", "List", "FromRev" });

            migrationBuilder.DropIndex(
                name: "IX_Subscriptions_SubscriberId_List_ToRev",
                schema: "subscriptions",
                table: "Subscriptions");

            migrationBuilder.CreateIndex(
                name: "IX_Subscriptions_SubscriberId_List",
                schema: "subscriptions",
                table: "Subscriptions",
                columns: new[] { "SubscriberId", "List" },
                unique: true,
                filter: "\"ToRev\" = 9223372036854775807");
        }
    }
}
