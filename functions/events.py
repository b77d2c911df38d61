"""Events: tells customer events to the audience, from their queue."""

from typing import Any

from aws_lambda_powertools.utilities.batch import SqsFifoPartialProcessor, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from passerelle.listening import carry
from passerelle.runtime import Invocation, function
from passerelle.store.event_queue import read_handful


@function
def handler(call: Invocation) -> dict[str, Any]:
    """A batch of messages; answers those that are to come again."""

    def tell(record: SQSRecord) -> None:
        carry(call.runtime, read_handful(record.body))

    processor = SqsFifoPartialProcessor(skip_group_on_error=True)
    context: LambdaContext = call.context
    answer = process_partial_response(
        event=call.event, record_handler=tell, processor=processor, context=context
    )
    return dict(answer)
