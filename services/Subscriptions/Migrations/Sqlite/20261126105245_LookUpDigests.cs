using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Alerts.Subscriptions.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class LookUpDigests : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "IX_Subscriptions_Digests",
                table: "Subscriptions",
                column: "SubscriberId",
                filter: "\"Frequency\" <> 0");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "IX_Subscriptions_Digests",
                table: "Subscriptions");
        }
    }
}
