"""The life of registered models: versions, aliases, stages, tags, searches, webhooks."""
import mlflow
from mlflow import MlflowClient
from mlflow.entities.webhook import WebhookAction, WebhookEntity, WebhookEvent
from mlflow.exceptions import MlflowException

client = MlflowClient()


def refused(call, code, text):
    try:
        call()
    except MlflowException as error:
        assert error.error_code == code, (error.error_code, str(error))
        assert text in str(error), str(error)
    else:
        raise AssertionError(f"expected {code}")


mlflow.set_experiment("registry")
with mlflow.start_run() as run:
    mlflow.log_text("flavors: {}\n", "m/MLmodel")
source = f"{run.info.artifact_uri}/m"

model = client.create_registered_model("fraud ✓", tags={"team": "risk"}, description="d")
assert model.name == "fraud ✓" and model.tags == {"team": "risk"} and model.description == "d"
refused(lambda: client.create_registered_model("fraud ✓"), "RESOURCE_ALREADY_EXISTS", "already exists")
refused(lambda: client.create_registered_model("a/b"), "INVALID_PARAMETER_VALUE", "a/b")
versions = [client.create_model_version("fraud ✓", source, run.info.run_id, tags={"n": str(i)}, description=f"v{i}") for i in range(3)]
assert [int(v.version) for v in versions] == [1, 2, 3]
assert versions[0].source == source and versions[0].run_id == run.info.run_id and versions[0].current_stage == "None"
assert client.get_model_version_download_uri("fraud ✓", "1") == source
refused(lambda: client.create_model_version("none", source), "RESOURCE_DOES_NOT_EXIST", "none")
refused(lambda: client.create_model_version("fraud ✓", "file:///etc"), "INVALID_PARAMETER_VALUE", "Invalid model version source")
refused(lambda: client.get_model_version("fraud ✓", "9"), "RESOURCE_DOES_NOT_EXIST", "version=9")
refused(lambda: client.get_model_version("fraud ✓", "x"), "INVALID_PARAMETER_VALUE", "must be an integer")

client.set_registered_model_alias("fraud ✓", "champion", "1")
client.set_registered_model_alias("fraud ✓", "champion", "2")
assert int(client.get_model_version_by_alias("fraud ✓", "champion").version) == 2
assert client.get_model_version("fraud ✓", "2").aliases == ["champion"]
aliases = client.get_registered_model("fraud ✓").aliases
assert {alias: int(version) for alias, version in aliases.items()} == {"champion": 2}
refused(lambda: client.get_model_version_by_alias("fraud ✓", "nobody"), "INVALID_PARAMETER_VALUE", "alias nobody not found")
refused(lambda: client.set_registered_model_alias("fraud ✓", "latest", "1"), "INVALID_PARAMETER_VALUE", "latest")
client.delete_registered_model_alias("fraud ✓", "champion")
client.delete_registered_model_alias("fraud ✓", "champion")

client.transition_model_version_stage("fraud ✓", "1", "production")
client.transition_model_version_stage("fraud ✓", "2", "Production", archive_existing_versions=True)
assert client.get_model_version("fraud ✓", "1").current_stage == "Archived"
assert [int(v.version) for v in client.get_latest_versions("fraud ✓", ["Production"])] == [2]
assert {v.current_stage: int(v.version) for v in client.get_latest_versions("fraud ✓")} == {"None": 3, "Production": 2, "Archived": 1}
refused(lambda: client.transition_model_version_stage("fraud ✓", "1", "prod"), "INVALID_PARAMETER_VALUE", "Invalid Model Version stage")

client.set_model_version_tag("fraud ✓", "3", "checked", "yes")
client.set_registered_model_tag("fraud ✓", "owner", "x" * 5000)
client.delete_registered_model_tag("fraud ✓", "owner")
client.delete_model_version_tag("fraud ✓", "3", "n")
client.update_model_version("fraud ✓", "3", "new words")
client.update_registered_model("fraud ✓", "newer words")
assert client.get_registered_model("fraud ✓").description == "newer words"
third = client.get_model_version("fraud ✓", "3")
assert third.tags == {"checked": "yes"} and third.description == "new words"

found = client.search_model_versions("name = 'fraud ✓'", order_by=["version_number DESC"])
assert [int(v.version) for v in found] == [3, 2, 1]
assert [int(v.version) for v in client.search_model_versions(f"run_id = '{run.info.run_id}' and tags.checked = 'yes'")] == [3]
for i in range(12):
    client.create_registered_model(f"many-{i:02}")
page = client.search_registered_models("name LIKE 'many-%'", max_results=5, order_by=["name DESC"])
names = [m.name for m in page]
while page.token:
    page = client.search_registered_models("name LIKE 'many-%'", max_results=5, order_by=["name DESC"], page_token=page.token)
    names += [m.name for m in page]
assert names == [f"many-{i:02}" for i in reversed(range(12))]
assert [m.name for m in client.search_registered_models("tags.team = 'risk'")] == ["fraud ✓"]

copy = client.copy_model_version("models:/fraud ✓/3", "fraud-live")
assert int(copy.version) == 1 and copy.source == "models:/fraud ✓/3"
assert client.get_model_version_download_uri("fraud-live", "1") == source

client.delete_model_version("fraud ✓", "3")
refused(lambda: client.get_model_version("fraud ✓", "3"), "RESOURCE_DOES_NOT_EXIST", "version=3")
assert int(client.create_model_version("fraud ✓", source, run.info.run_id).version) == 4
client.rename_registered_model("fraud ✓", "fraud 2")
assert [int(v.version) for v in client.search_model_versions("name = 'fraud 2'", order_by=["version_number ASC"])] == [1, 2, 4]
client.delete_registered_model("fraud 2")
refused(lambda: client.get_registered_model("fraud 2"), "RESOURCE_DOES_NOT_EXIST", "fraud 2")

hook = client.create_webhook(
    "hook", "https://example.org/mlflow", [WebhookEvent(WebhookEntity.MODEL_VERSION, WebhookAction.CREATED)], "d", secret="s3cret"
)
assert hook.secret is None and hook.status == "ACTIVE"
assert [h.webhook_id for h in client.list_webhooks()] == [hook.webhook_id]
changed = client.update_webhook(hook.webhook_id, name="renamed", status="DISABLED")
assert changed.name == "renamed" and changed.status == "DISABLED" and changed.url == hook.url
assert client.get_webhook(hook.webhook_id).events == hook.events
assert client.test_webhook(hook.webhook_id).success is False
client.delete_webhook(hook.webhook_id)
refused(lambda: client.get_webhook(hook.webhook_id), "RESOURCE_DOES_NOT_EXIST", hook.webhook_id)

# Prompts are registered models with a mark; searches for models do not show them.
mlflow.genai.register_prompt(name="greeting", template="Say hello to {{name}}.")
assert mlflow.genai.load_prompt("prompts:/greeting/1").template == "Say hello to {{name}}."
assert "greeting" not in [m.name for m in client.search_registered_models()]
