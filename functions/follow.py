"""Follow: carries one changed object, from the queue of live events."""

from typing import Any

from aws_lambda_powertools.utilities.batch import SqsFifoPartialProcessor, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from passerelle.runtime import Invocation, function
from passerelle.store.queue import read


@function
def handler(call: Invocation) -> dict[str, Any]:
    """A batch of messages, in order per object; answers those that are to come again."""

    def follow(record: SQSRecord) -> str:
        message = read(record.body)
        return call.runtime.river(message.tenant, live=True).follow(message)

    processor = SqsFifoPartialProcessor(skip_group_on_error=True)
    context: LambdaContext = call.context
    answer = process_partial_response(
        event=call.event, record_handler=follow, processor=processor, context=context
    )
    return dict(answer)
